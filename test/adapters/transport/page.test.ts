import { describe, expect, it } from 'vitest';
import { pageOf } from '../../../packages/adapters/src/transport/page.ts';

/** A page whose visibility a test decides. */
class TestDocument extends EventTarget {
  visibilityState = 'visible';
}

function aPage() {
  const document = new TestDocument();
  const window = Object.assign(new EventTarget(), { document });
  const told: string[] = [];
  const page = pageOf(window);
  const stops = [page.onWake(() => told.push('wakes')), page.onSleep(() => told.push('sleeps'))];
  return { window, document, told, stop: () => stops.forEach((stop) => stop()) };
}

function transition(type: string, persisted: boolean): Event {
  return Object.assign(new Event(type), { persisted });
}

describe('a page', () => {
  it('wakes when it is looked at again, and not when it is put aside', () => {
    const { document, told } = aPage();

    document.visibilityState = 'hidden';
    document.dispatchEvent(new Event('visibilitychange'));
    const whenHidden = [...told];
    document.visibilityState = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));

    expect(whenHidden).toEqual([]);
    expect(told).toEqual(['wakes']);
  });

  it('wakes when it is shown, thawed or back on the network', () => {
    const { window, document, told } = aPage();

    window.dispatchEvent(transition('pageshow', true));
    document.dispatchEvent(new Event('resume'));
    window.dispatchEvent(new Event('online'));

    expect(told).toEqual(['wakes', 'wakes', 'wakes']);
  });

  it('sleeps when it is kept for later or frozen, and not when it is thrown away', () => {
    const { window, document, told } = aPage();

    window.dispatchEvent(transition('pagehide', false));
    const whenThrownAway = [...told];
    window.dispatchEvent(transition('pagehide', true));
    document.dispatchEvent(new Event('freeze'));

    expect(whenThrownAway).toEqual([]);
    expect(told).toEqual(['sleeps', 'sleeps']);
  });

  it('tells nobody who has stopped listening', () => {
    const { window, document, told, stop } = aPage();

    stop();
    window.dispatchEvent(new Event('online'));
    window.dispatchEvent(transition('pagehide', true));
    document.dispatchEvent(new Event('visibilitychange'));

    expect(told).toEqual([]);
  });

  it('never sleeps where there is none', () => {
    const page = pageOf({});

    expect(() => page.onSleep(() => undefined)()).not.toThrow();
    expect(() => page.onWake(() => undefined)()).not.toThrow();
  });
});
