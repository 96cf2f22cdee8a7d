import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseArgs } from 'node:util';
import {
  besiegeGateway,
  type SiegeResult,
  soakGateway,
  type SoakResult,
} from '../../test/support/gateway-soak.ts';
import type { Report } from '../report.ts';

/**
 * 10,000 WebSockets that say 1,000 messages a second for ten minutes; then 200 hostile clients beside 1,000 honest ones.
 * `--clients`, `--rate`, `--seconds`, `--good`, `--hostile` and `--siege-seconds` make it smaller or larger.
 */
export async function run(_options: { readonly check: boolean }): Promise<Report> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const load = loadOf(process.argv.slice(2));
  process.stderr.write(`${load.clients} clients, ${load.rate}/s, ${load.seconds} s\n`);
  const soak = await soakGateway({
    clients: load.clients,
    perSecond: load.rate,
    seconds: load.seconds,
    collectGarbage,
  });
  process.stderr.write(`${load.good} honest beside ${load.hostile} hostile clients\n`);
  const siege = await besiegeGateway({
    clients: load.good,
    hostile: load.hostile,
    perSecond: load.rate / 10,
    seconds: load['siege-seconds'],
    collectGarbage,
  });
  return {
    table: tableOf(soak, siege),
    figures: { load, soak, siege },
    missed: missedBy(soak, siege),
  };
}

const DEFAULTS = {
  clients: 10_000,
  rate: 1_000,
  seconds: 600,
  good: 1_000,
  hostile: 200,
  'siege-seconds': 60,
};

type Load = { readonly [K in keyof typeof DEFAULTS]: number };

function loadOf(args: readonly string[]): Load {
  const names = Object.keys(DEFAULTS) as (keyof Load)[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options, strict: false });
  const entries = names.map((name) => [name, Number(values[name] ?? DEFAULTS[name])] as const);
  for (const [name, value] of entries) {
    if (!(value > 0)) throw new TypeError(`--${name} must be a number above 0`);
  }
  return Object.fromEntries(entries) as Load;
}

function tableOf({ talk, storm, connectMs, ...soak }: SoakResult, siege: SiegeResult): string {
  const { alone, besieged, hostile } = siege;
  const strikes = Object.values(hostile.strikes).reduce((sum, count) => sum + count, 0);
  return [
    `connected in ${(connectMs / 1_000).toFixed(1)} s; a client holds ${kb(soak.idle.live)} idle, ${kb(soak.talked.live)} after the talk (the process takes ${kb(soak.idle.rss)}, ${kb(soak.talked.rss)})`,
    `${talk.sent} messages, ${talk.sent - talk.answered} lost, ${talk.strange} strange, ${talk.dropped} connections dropped; echo p50 ${ms(talk.latency.p50)}, p99 ${ms(talk.latency.p99)}, max ${ms(talk.latency.max)}; ${percent(soak.talkCpu)} of a core`,
    `a fifth cut at once: all resumed in ${(storm.ms / 1_000).toFixed(1)} s, ${storm.gaps} gaps`,
    `honest clients alone: p99 ${ms(alone.latency.p99)}, ${percent(siege.aloneCpu)} of a core; besieged: p99 ${ms(besieged.latency.p99)}, ${percent(siege.besiegedCpu)} of a core, ${besieged.sent - besieged.answered} lost, ${besieged.dropped} dropped; ${strikes} strikes, ${kb(siege.grown.live)} more alive, ${kb(siege.grown.rss)} more taken`,
    ...Object.entries(hostile.ends).map(([end, count]) => `  ${end} × ${count}`),
  ].join('\n');
}

function missedBy({ talk, storm, idle, talked }: SoakResult, siege: SiegeResult): string[] {
  const { alone, besieged } = siege;
  const bars: readonly (readonly [boolean, string])[] = [
    [talk.sent === talk.answered, `${talk.sent - talk.answered} messages lost`],
    [talk.strange + besieged.strange === 0, 'strange answers'],
    [talk.dropped + besieged.dropped === 0, 'honest connections dropped'],
    [talk.latency.p99 < 100, `p99 ${ms(talk.latency.p99)}, wanted under 100 ms`],
    [idle.rss <= 20_480, `the process takes ${kb(idle.rss)} an idle client, wanted at most 20 KiB`],
    [talked.live <= 20_480, `${kb(talked.live)} a client, wanted at most 20 KiB`],
    [storm.ms < 15_000, `storm settled in ${ms(storm.ms)}, wanted under 15 s`],
    [besieged.sent === besieged.answered, 'messages of the besieged lost'],
    [
      besieged.latency.p99 <= 2 * alone.latency.p99,
      `besieged p99 ${ms(besieged.latency.p99)}, wanted at most twice ${ms(alone.latency.p99)}`,
    ],
  ];
  return bars.filter(([isMet]) => !isMet).map(([, bar]) => bar);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function kb(bytes: number): string {
  return `${(bytes / 1_024).toFixed(1)} KiB`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
