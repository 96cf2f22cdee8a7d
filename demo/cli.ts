import { parseArgs } from 'node:util';
import { ask } from './ask.ts';

const HELP = `npx -y pnpm@12 demo [options]

Without options the demo starts an engine with three pools, a web gateway and the dashboard, and prints one link.

  --terminal            a chat at this terminal, until Ctrl+D
  --ask TEXT            ask one question, print the answer as it streams, then one line of JSON, and end
  --port N              the port of the demo page and the gateway (default: a free one)
  --load N              start with a load of N conversations at once, 0 to 200 (default 6)
  --no-open             do not open a browser
  --first-byte-ms N     with --ask: how long to wait for the provider's first byte (default 30000)
  --idle-ms N           with --ask: how long to wait between two pieces of the answer (default 30000)
  --help                show this text

The provider of --ask and --terminal, in this order:
  OPENAI_API_KEY        OpenAI, or any server that speaks its wire (OPENAI_BASE_URL, OPENAI_MODEL)
  ANTHROPIC_API_KEY     Anthropic (ANTHROPIC_MODEL, ANTHROPIC_BASE_URL)
  GEMINI_API_KEY        Gemini (GEMINI_MODEL, GEMINI_BASE_URL)
  OLLAMA_BASE_URL       an Ollama, for example http://127.0.0.1:11434 (OLLAMA_MODEL, default llama3.2)
  none of them          the built-in mock server: no key, no network beyond this machine
`;

/** Runs the demo with a command line's arguments. Resolves with the exit code. */
export async function runDemo(args: readonly string[]): Promise<number> {
  const options = parse(args);
  if (options === undefined) return 2;
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (options.ask !== undefined) {
    return ask({ question: options.ask, env: process.env, ...options });
  }
  if (options.terminal) {
    const { terminalChat } = await import('./terminal.ts');
    return terminalChat({ env: process.env });
  }
  const { serve } = await import('./serve.ts');
  return serve(options);
}

interface DemoOptions {
  readonly help: boolean;
  readonly ask: string | undefined;
  readonly terminal: boolean;
  readonly port: number;
  readonly load: number;
  readonly open: boolean;
  readonly firstByteMs: number;
  readonly idleMs: number;
}

/** Reads the options, or says on stderr what is wrong with them. */
function parse(args: readonly string[]): DemoOptions | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        help: { type: 'boolean', default: false },
        ask: { type: 'string' },
        terminal: { type: 'boolean', default: false },
        port: { type: 'string', default: '0' },
        load: { type: 'string', default: '6' },
        open: { type: 'boolean', default: true },
        'first-byte-ms': { type: 'string', default: '30000' },
        'idle-ms': { type: 'string', default: '30000' },
      },
    });
    return {
      help: values.help,
      ask: values.ask,
      terminal: values.terminal,
      port: wholeNumber('port', values.port, 0, 65_535),
      load: wholeNumber('load', values.load, 0, 200),
      open: values.open,
      firstByteMs: wholeNumber('first-byte-ms', values['first-byte-ms'], 1, 600_000),
      idleMs: wholeNumber('idle-ms', values['idle-ms'], 1, 600_000),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message}\nSee --help.\n`);
    return undefined;
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new TypeError(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`);
}
