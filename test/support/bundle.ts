import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { sveltePlugin } from './svelte.ts';

/** What to bundle, and what to leave out of it. */
export interface BundleOptions {
  /** The file to start from, relative to the repository. */
  readonly entry: string;
  /** Whether an import stays an import. Default: none does. */
  readonly external?: ((specifier: string) => boolean) | undefined;
  /** `es` for modules, `iife` for one script that sets the global `bundle`. Default `es`. */
  readonly format?: 'es' | 'iife' | undefined;
}

/** Bundles an entry as an application would: minified, for ES2022. Returns all of its code and styles as one text. */
export async function bundle({ entry, external, format = 'es' }: BundleOptions): Promise<string> {
  const output = await build({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    plugins: [sveltePlugin()],
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      lib: { entry, formats: [format], name: 'bundle', fileName: 'bundle' },
      rolldownOptions: { external: external ?? (() => false), output: { minify: true } },
    },
  });
  return chunksOf(output).map(textOf).join('\n');
}

/** The size of a text after `gzip -9`, in bytes. */
export function gzippedBytes(text: string): number {
  return gzipSync(text, { level: 9 }).byteLength;
}

function chunksOf(output: Awaited<ReturnType<typeof build>>): readonly OutputFile[] {
  const outputs = Array.isArray(output) ? output : [output];
  return outputs.flatMap((one) => ('output' in one ? one.output : []));
}

type OutputFile = Rolldown.OutputChunk | Rolldown.OutputAsset;

function textOf(file: OutputFile): string {
  return file.type === 'chunk' ? file.code : String(file.source);
}
