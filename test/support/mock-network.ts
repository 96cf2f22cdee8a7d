import type { LlmMock } from '@sluice/adapters/msw';
import { setupServer } from 'msw/node';

/** Puts mocked providers in the place of the network until `close`. Any other request fails. */
export function mockNetwork(...mocks: readonly LlmMock[]): { close(): void } {
  const handlers = mocks.flatMap((mock) => mock.handlers);
  // The workspace has two copies of MSW's types, one for each TypeScript that is about; its classes have private parts.
  const server = setupServer(...(handlers as unknown as Parameters<typeof setupServer>));
  server.listen({ onUnhandledFrame: 'error' });
  return { close: () => server.close() };
}
