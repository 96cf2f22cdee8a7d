// pnpm bench NAME [--check]: runs bench/NAME.ts. With --check a missed bar is an error.
import { answer, type BenchModule } from './report.ts';

await answer((name) => import(`./${name}.ts`) as Promise<BenchModule>, process.argv.slice(2));
