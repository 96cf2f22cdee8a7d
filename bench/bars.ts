/** One promise: its figure, its bar, and which side of it is good. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly bar: number;
  readonly isBound: 'at most' | 'at least';
}

/** A figure that must not be above its bar. */
export function atMost(name: string, value: number, bar: number): Bar {
  return { name, value, bar, isBound: 'at most' };
}

/** A figure that must not be below its bar. */
export function atLeast(name: string, value: number, bar: number): Bar {
  return { name, value, bar, isBound: 'at least' };
}

/** All bars as a table for people. */
export function barTable(bars: readonly Bar[]): string {
  const rows = bars.map((bar) => {
    const { name, value, isBound } = bar;
    return `| ${name} | ${value.toFixed(2)} | ${isBound} ${bar.bar} | ${isMet(bar) ? 'met' : '**missed**'} |`;
  });
  return ['| bar | measured | wanted | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** All bars for programs. */
export function barFigures(bars: readonly Bar[]): readonly object[] {
  return bars.map(({ name, value, bar, isBound }) => ({ name, value, [isBound]: bar }));
}

/** The bars that were missed, each in words. */
export function missedBars(bars: readonly Bar[]): readonly string[] {
  return bars
    .filter((bar) => !isMet(bar))
    .map(
      ({ name, value, bar, isBound }) => `${name}: ${value.toFixed(2)}, wanted ${isBound} ${bar}`,
    );
}

function isMet({ value, bar, isBound }: Bar): boolean {
  return isBound === 'at most' ? value <= bar : value >= bar;
}
