import { beforeEach, expect, it } from 'vitest';
import { type Due, type Pace, Sampler } from '../../../packages/dashboard/src/view/sampler.ts';
import { TestHost } from '../../support/test-host.ts';

let host: TestHost;
let samples: Due[];
let pace: Pace;
let sampler: Sampler;

beforeEach(() => {
  host = new TestHost(0);
  samples = [];
  pace = 'still';
  sampler = new Sampler(host, (due) => {
    samples.push(due);
    return pace;
  });
});

it('looks at most ten times a second, however fast events come', async () => {
  pace = 'changed';
  sampler.start();

  await host.clock.advance(10_000);

  expect(samples.length).toBeGreaterThan(90);
  expect(samples.length).toBeLessThanOrEqual(101);
  expect(samples.filter(({ text }) => text).length).toBeLessThanOrEqual(41);
  expect(samples.filter(({ slow }) => slow).length).toBeLessThanOrEqual(11);
});

it('looks once a second when nothing moves, and at once when something does', async () => {
  sampler.start();
  await host.clock.advance(5_050);
  expect(samples.length).toBeLessThanOrEqual(6);

  const before = samples.length;
  sampler.wake();
  await host.clock.advance(100);

  expect(samples.length).toBe(before + 1);
});

it('does not look at all while nobody can see the page', async () => {
  sampler.start();
  await host.clock.advance(100);
  host.show(false);
  samples = [];

  sampler.wake();
  await host.clock.advance(60_000);

  expect(samples).toEqual([]);
  expect(host.clock.pending).toBe(0);
});

it('leaves no timer behind when it stops', async () => {
  sampler.start();
  await host.clock.advance(1_000);

  sampler.stop();

  expect(host.clock.pending).toBe(0);
});
