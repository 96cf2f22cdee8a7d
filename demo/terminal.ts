import { once } from 'node:events';
import { terminalChannel } from '@sluice/adapters/stdio';
import { ClientPool, createSluice, type Engine } from '@sluice/core';
import { chooseProvider } from './ask-provider.ts';

/** How the terminal chat is run. */
export interface TerminalChatOptions {
  readonly env: NodeJS.ProcessEnv;
}

/** A chat at this terminal, until its input ends or Ctrl+C. Resolves with the exit code. */
export async function terminalChat({ env }: TerminalChatOptions): Promise<number> {
  await using asked = await chooseProvider(env);
  await using engine = createSluice({
    name: 'sluice-terminal',
    clients: new ClientPool({
      providers: { [asked.name]: { provider: asked.provider, minIdle: 0 } },
    }),
    channels: [{ id: 'terminal', channel: terminalChannel(), restart: { restart: 'transient' } }],
    agents: [{ name: 'guide', instructions: 'You explain in few words.' }],
  });
  process.stderr.write(`Speaking with ${asked.name}. Ctrl+D ends the chat.\n`);
  await engine.start();
  const status = await Promise.race([ended(engine), once(process, 'SIGINT')]);
  process.stdout.write('\n');
  return status === 'failed' ? 1 : 0;
}

/** Resolves when there will be no more lines, and what was asked is answered. */
function ended({ channels }: Engine): Promise<'stopped' | 'failed'> {
  return new Promise((resolve) => {
    channels.state$('terminal').subscribe(({ status }) => {
      if (status === 'stopped' || status === 'failed') resolve(status);
    });
  });
}
