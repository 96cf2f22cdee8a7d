import { requireNode } from './require-node.ts';

requireNode();
const { runDemo } = await import('./cli.ts'); // only now: older versions of Node could not even read the rest

process.exitCode = await runDemo(process.argv.slice(2));
