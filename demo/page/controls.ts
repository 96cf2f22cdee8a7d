import { element, input } from './element.ts';

/** Wires the three controls: load, break a provider, restart the channel. */
export function startControls(): void {
  const load = input('load');
  load.addEventListener('input', () => showLevel(load.value));
  void showCurrentLevel(load);
  load.addEventListener('change', () => void ask('load', { level: Number(load.value) }));
  element('break').addEventListener('click', () => void ask('break', {}));
  element('restart').addEventListener('click', () => void ask('restart', {}));
}

/** The load may have been set on the command line, or by another page. */
async function showCurrentLevel(load: HTMLInputElement): Promise<void> {
  try {
    const response = await fetch('/demo/load');
    const { level } = (await response.json()) as { readonly level: number };
    load.value = String(level);
    showLevel(String(level));
  } catch {
    showLevel(load.value); // the next thing that is asked will tell that the demo is gone
  }
}

function showLevel(level: string): void {
  element('load-level').textContent = level === '1' ? '1 person' : `${level} people`;
}

/** Asks the demo's server, and tells what came of it. Never rejects. */
async function ask(what: string, body: object): Promise<void> {
  try {
    const response = await fetch(`/demo/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { told } = (await response.json()) as { readonly told: string };
    element('told').textContent = told;
  } catch {
    element('told').textContent = 'The demo cannot be reached. Is it still running?';
  }
}
