import { createGatewayClient } from '@sluice/adapters/gateway';
import { element, input } from './element.ts';

const gateway = createGatewayClient({ url: location.origin });

/** Sends what is typed to the gateway and shows the answer while it grows. One message after the other. */
export function startChat(): void {
  let last: Promise<void> = Promise.resolve();
  element('ask').addEventListener('submit', (event) => {
    event.preventDefault();
    const field = input('question');
    const question = field.value.trim() === '' ? field.placeholder : field.value.trim();
    field.value = '';
    show(question, 'mine');
    const answer = show('', 'theirs');
    last = last.then(() => stream(question, answer));
  });
}

async function stream(question: string, into: HTMLElement): Promise<void> {
  try {
    for await (const frame of gateway.stream(question)) {
      if (frame.type === 'text_delta') into.append(frame.content);
      if (frame.type === 'response') into.textContent = frame.message;
      into.scrollIntoView({ block: 'nearest' });
    }
  } catch (error) {
    into.classList.add('failed');
    into.textContent = error instanceof Error ? error.message : String(error);
  }
}

function show(text: string, by: 'mine' | 'theirs'): HTMLElement {
  const item = document.createElement('li');
  item.className = by;
  item.textContent = text;
  element('messages').append(item);
  item.scrollIntoView({ block: 'nearest' });
  return item;
}
