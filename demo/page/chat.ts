import { createGatewayClient, GatewayError } from '@sluice/adapters/gateway';
import { element, input } from './element.ts';

let gateway = createGatewayClient({ url: location.origin });

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

/** Never rejects: what went wrong stands where the answer would. */
async function stream(question: string, into: HTMLElement): Promise<void> {
  into.ariaBusy = 'true'; // read out once it is whole, not word by word
  try {
    await streamInSession(question, into);
  } catch (error) {
    into.classList.add('failed');
    into.textContent = error instanceof Error ? error.message : String(error);
  } finally {
    into.ariaBusy = 'false';
  }
}

/** A demo that was started again does not know our session: then we begin another. */
async function streamInSession(question: string, into: HTMLElement): Promise<void> {
  try {
    await receive(question, into);
  } catch (error) {
    if (!GatewayError.is(error) || error.wireCode !== 'session_unknown') throw error;
    gateway = createGatewayClient({ url: location.origin });
    await receive(question, into);
  }
}

async function receive(question: string, into: HTMLElement): Promise<void> {
  for await (const frame of gateway.stream(question)) {
    if (frame.type === 'text_delta') into.append(frame.content);
    if (frame.type === 'response') into.textContent = frame.message;
    into.scrollIntoView({ block: 'nearest' });
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
