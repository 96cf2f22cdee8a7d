import { describe, expect, it } from 'vitest';
import type { HostileReport } from '../support/gateway-hostile.ts';
import { besiegeGateway, soakGateway } from '../support/gateway-soak.ts';
import { runs } from '../support/tier.ts';

describe('a gateway under load', () => {
  it('answers all that hundreds of clients say, once each, and resumes a fifth of them that is cut', async () => {
    const clients = runs(200, 500);
    const perSecond = runs(200, 500);

    const { talk, storm, stats } = await soakGateway({ clients, perSecond, seconds: 2 });

    process.stderr.write(`echo p99 ${talk.latency.p99.toFixed(1)} ms\n`);
    expect(talk).toMatchObject({ sent: perSecond * 2, answered: perSecond * 2 });
    expect(talk).toMatchObject({ strange: 0, dropped: 0, gaps: 0 });
    expect(storm).toMatchObject({ dropped: 0, gaps: 0 });
    expect(stats).toMatchObject({ pending: 0, sessions: clients, refused: {} });
  });

  it('serves honest clients while hostile ones do their worst, and ends each of those', async () => {
    const load = { clients: 50, hostile: runs(20, 50), perSecond: 50, seconds: runs(2, 4) };
    const until = ({ ends }: HostileReport): boolean => ENDS.every((end) => end in ends);

    const { besieged, stats, grown } = await besiegeGateway({ ...load, until });

    process.stderr.write(`besieged p99 ${besieged.latency.p99.toFixed(1)} ms\n`);
    expect(besieged).toMatchObject({ sent: 50 * load.seconds, answered: 50 * load.seconds });
    expect(besieged).toMatchObject({ strange: 0, dropped: 0 });
    expect(stats.refused).toMatchObject({ origin_refused: expect.any(Number) as unknown });
    expect(grown.live).toBeLessThan(150_000_000);
  });
});

/** How strikes end. The siege goes on until each has ended so: else the test does not end. */
const ENDS = [
  'comes from another origin: 403',
  'floods: 4429',
  'sends a huge frame: 1009',
  'sends bytes: 1003',
  'sends deep JSON: 1008',
  'sends many values: 1008',
  'sends no WebSocket: 400',
];
