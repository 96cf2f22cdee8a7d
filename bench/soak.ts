// pnpm soak NAME [--check]: runs bench/soak/NAME.ts, the long form of a test.
import { answer, type BenchModule } from './report.ts';

await answer((name) => import(`./soak/${name}.ts`) as Promise<BenchModule>, process.argv.slice(2));
