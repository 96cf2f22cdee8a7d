import { describe, expect, it } from 'vitest';
import {
  CircuitBreaker,
  type CircuitOptions,
  resolveCircuitOptions,
} from '../../../packages/core/src/resilience/circuit-breaker.ts';

describe('a circuit breaker', () => {
  it('stays closed until the window holds enough calls', () => {
    const { circuit, fail } = aCircuit();

    fail(4);

    expect(circuit.state.status).toBe('closed');
  });

  it('opens when half of the last calls failed', () => {
    const { circuit, fail, succeed, statuses } = aCircuit();

    succeed(3);
    fail(3);

    expect(circuit.state).toMatchObject({ status: 'open', calls: 6, failures: 3, probeAt: 10_000 });
    expect(statuses).toEqual(['open']);
  });

  it('forgets calls that are older than the window', () => {
    const { circuit, fail, at } = aCircuit();
    fail(4);

    at(11_000);
    fail(4);

    expect(circuit.state.status).toBe('closed');
  });

  it('tells how long it lets nothing through', () => {
    const { circuit, fail } = aCircuit();

    fail(5);

    expect(circuit.refusalMs(4_000)).toBe(6_000);
    expect(circuit.refusalMs(10_000)).toBeUndefined();
  });

  it('lets one trial through, and closes when it succeeds', () => {
    const { circuit, fail, statuses } = aCircuit();
    fail(5);

    const trial = circuit.begin(10_000);
    const whileTrying = circuit.refusalMs(10_000);
    circuit.end(trial, 'succeeded', 10_500);

    expect(whileTrying).toBe(10_000);
    expect(statuses).toEqual(['open', 'half-open', 'closed']);
    expect(circuit.refusalMs(10_500)).toBeUndefined();
  });

  it('stays open twice as long after every trial that fails, up to the longest', () => {
    const { circuit, fail } = aCircuit();
    fail(5);
    const waits: number[] = [];

    let nowMs = 10_000;
    for (let trials = 0; trials < 5; trials += 1) {
      circuit.end(circuit.begin(nowMs), 'failed', nowMs);
      waits.push(circuit.refusalMs(nowMs) ?? 0);
      nowMs += waits.at(-1) ?? 0;
    }

    expect(waits).toEqual([20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it('lets the next call be the trial when a trial was cancelled', () => {
    const { circuit, fail, statuses } = aCircuit();
    fail(5);

    circuit.end(circuit.begin(10_000), 'cancelled', 12_000);

    expect(circuit.refusalMs(12_000)).toBeUndefined();
    expect(statuses).toEqual(['open', 'half-open', 'open']);
  });

  it('does not count cancelled calls', () => {
    const { circuit } = aCircuit();

    for (let i = 0; i < 20; i += 1) circuit.end(circuit.begin(0), 'cancelled', 0);

    expect(circuit.state.status).toBe('closed');
  });

  it('does not let calls from before it opened decide about the time after', () => {
    const { circuit, fail } = aCircuit();
    const early = [circuit.begin(0), circuit.begin(0)];
    fail(5);

    for (const pass of early) circuit.end(pass, 'succeeded', 100);

    expect(circuit.state.status).toBe('open');
  });

  it('starts counting anew after it closed', () => {
    const { circuit, fail, at } = aCircuit();
    fail(5);
    circuit.end(circuit.begin(10_000), 'succeeded', 10_000);

    at(10_000);
    fail(4);

    expect(circuit.state.status).toBe('closed');
  });

  it('can be opened and closed by hand', () => {
    const { circuit, statuses } = aCircuit();

    circuit.trip(0);
    circuit.reset();

    expect(statuses).toEqual(['open', 'closed']);
  });

  it('refuses options that make no sense, by name', () => {
    expect(() => resolveCircuitOptions({ failureRatio: 1.5 })).toThrow('circuit.failureRatio');
    expect(() => resolveCircuitOptions({ minCalls: 0 })).toThrow('circuit.minCalls');
    expect(() => resolveCircuitOptions({ windowMs: Number.NaN })).toThrow('circuit.windowMs');
    expect(() => resolveCircuitOptions({ maxOpenMs: 5 })).toThrow('circuit.maxOpenMs');
  });
});

function aCircuit(options: CircuitOptions = {}) {
  const statuses: string[] = [];
  const circuit = new CircuitBreaker(resolveCircuitOptions(options), (state) =>
    statuses.push(state.status),
  );
  let nowMs = 0;
  const call = (outcome: 'succeeded' | 'failed') => (times: number) => {
    for (let i = 0; i < times; i += 1) circuit.end(circuit.begin(nowMs), outcome, nowMs);
  };
  return {
    circuit,
    statuses,
    fail: call('failed'),
    succeed: call('succeeded'),
    at: (ms: number) => {
      nowMs = ms;
    },
  };
}
