import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { bearerToken, createGateway, type GatewayStats } from '@sluice/adapters/gateway';
import { type GatewayServer, serveGateway } from '@sluice/adapters/gateway/node';
import { ChannelManager } from '@sluice/core';
import type { ClientsOrder, ClientsReport } from './gateway-clients.ts';
import type { HostileOrder, HostileReport } from './gateway-hostile.ts';

/** A load of honest clients. */
export interface SoakOptions {
  readonly clients: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** Collects garbage, so that memory tells what is held. Default: it is not asked to. */
  readonly collectGarbage?: (() => void) | undefined;
}

/** Memory of a process, in bytes. */
export interface BytesHeld {
  /** All that the process takes, also what it has taken and may give back. */
  readonly rss: number;
  /** Objects and buffers that are alive, once garbage is collected. */
  readonly live: number;
}

/** What came of it. */
export interface SoakResult {
  readonly connectMs: number;
  readonly talk: ClientsReport;
  /** The share of one core that the gateway's process used meanwhile. */
  readonly talkCpu: number;
  /** A fifth of the connections cut at once, until all have resumed. */
  readonly storm: ClientsReport;
  /** What the gateway's process holds for one client that is connected and silent; and after the talk. */
  readonly idle: BytesHeld;
  readonly talked: BytesHeld;
  readonly stats: GatewayStats;
}

/** Lets honest clients in a process of their own talk to an echo behind a gateway. */
export async function soakGateway(options: SoakOptions): Promise<SoakResult> {
  await using running = await anEchoGateway(options.clients);
  const held = (): BytesHeld => bytesHeld(options);
  using clients = aProcess('gateway-clients.ts');
  const { url } = running.server;
  const before = held();
  const connected = await clients.ask({ type: 'connect', url, clients: options.clients });
  const idle = held();
  const { perSecond, seconds } = options;
  const cpu = cpuShare();
  const talk = await clients.ask({ type: 'talk', perSecond, seconds });
  const talkCpu = cpu();
  const talked = held();
  const storm = await clients.ask({ type: 'storm', clients: Math.ceil(options.clients / 5) });
  return {
    connectMs: connected.ms,
    talk,
    talkCpu,
    storm,
    idle: each(before, idle, options.clients),
    talked: each(before, talked, options.clients),
    stats: running.stats(),
  };
}

/** Tells, when asked, which share of one core this process has used since. */
function cpuShare(): () => number {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000 / (performance.now() - startedAt);
  };
}

/** What this process holds, garbage left out where it can be collected. */
function bytesHeld({ collectGarbage }: SoakOptions): BytesHeld {
  collectGarbage?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, live: heapUsed + external };
}

function each(before: BytesHeld, after: BytesHeld, clients: number): BytesHeld {
  return {
    rss: (after.rss - before.rss) / clients,
    live: (after.live - before.live) / clients,
  };
}

/** Honest clients, first alone and then beside hostile ones. */
export interface SiegeOptions extends SoakOptions {
  readonly hostile: number;
  /** The siege goes on until this holds. Default: as long as the honest ones talk. */
  readonly until?: ((report: HostileReport) => boolean) | undefined;
}

/** How the honest ones fared. */
export interface SiegeResult {
  readonly alone: ClientsReport;
  readonly besieged: ClientsReport;
  /** The shares of one core that the gateway's process used in either. */
  readonly aloneCpu: number;
  readonly besiegedCpu: number;
  readonly hostile: HostileReport;
  /** By how much the gateway's process grew meanwhile: what is alive in it, and all that it takes. */
  readonly grown: BytesHeld;
  readonly stats: GatewayStats;
}

/** Lets hostile clients have a go at a gateway that serves honest ones, each in a process of their own. */
export async function besiegeGateway(options: SiegeOptions): Promise<SiegeResult> {
  await using running = await anEchoGateway(options.clients + options.hostile);
  const { url } = running.server;
  const { perSecond, seconds } = options;
  using clients = aProcess('gateway-clients.ts');
  await clients.ask({ type: 'connect', url, clients: options.clients });
  const cpuAlone = cpuShare();
  const alone = await clients.ask({ type: 'talk', perSecond, seconds });
  const aloneCpu = cpuAlone();
  const before = bytesHeld(options);
  using hostile = aProcess('gateway-hostile.ts');
  const struck = hostile.latest();
  hostile.send({ url, clients: options.hostile });
  const cpuBesieged = cpuShare();
  const besieged = await clients.ask({ type: 'talk', perSecond, seconds });
  const besiegedCpu = cpuBesieged();
  while (options.until?.(struck()) === false) await new Promise((done) => setTimeout(done, 100));
  return {
    alone,
    besieged,
    aloneCpu,
    besiegedCpu,
    hostile: struck(),
    grown: each(before, bytesHeld(options), 1),
    stats: running.stats(),
  };
}

interface EchoGateway extends AsyncDisposable {
  readonly server: GatewayServer;
  readonly stats: () => GatewayStats;
}

/** A gateway with its own limits, but for those that count connections, and a login that takes any name. */
async function anEchoGateway(clients: number): Promise<EchoGateway> {
  const most = clients + 1_000;
  const gateway = createGateway({
    authenticate: (request) => ({ id: bearerToken(request) ?? 'nobody' }),
    recheck: (principal) => principal,
    limits: { maxSockets: most, maxSessions: 2 * most, maxClients: 2 * most },
  });
  const manager = new ChannelManager({
    handler: ({ text }, { reply }) => reply.final(`re ${text}`),
  });
  manager.add({ id: 'web', channel: gateway.channel });
  await manager.start();
  const server = await serveGateway(gateway, {
    maxConnections: most,
    maxConnectionsPerAddress: most,
  });
  return {
    server,
    stats: () => gateway.stats(),
    async [Symbol.asyncDispose](): Promise<void> {
      await manager.stop(undefined, { deadlineMs: 1_000 });
      await server.close({ deadlineMs: 1_000 });
    },
  };
}

interface SoakProcess extends Disposable {
  send(order: ClientsOrder | HostileOrder): void;
  /** Sends an order and waits for what came of it. */
  ask(order: ClientsOrder): Promise<ClientsReport>;
  /** Keeps what was told last. */
  latest(): () => HostileReport;
}

function aProcess(file: string): SoakProcess {
  const child: ChildProcess = fork(fileURLToPath(new URL(file, import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const died = once(child, 'exit').then(() => {
    throw new Error(`${file} ended before it was told to`);
  });
  died.catch(() => undefined); // it does, at the end
  const send = (order: ClientsOrder | HostileOrder): void => void child.send(order);
  return {
    send,
    ask: async (order) => {
      const told = once(child, 'message');
      send(order);
      const [report] = (await Promise.race([told, died])) as [ClientsReport];
      return report;
    },
    latest: () => {
      let report: HostileReport = { strikes: {}, ends: {} };
      child.on('message', (told: HostileReport) => {
        report = told;
      });
      return () => report;
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}
