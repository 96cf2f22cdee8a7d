import { describe, expect, it } from 'vitest';

/** The minor version of each major from which on the crashes are mended. */
const fixedIn: Readonly<Record<number, number>> = { 6: 24, 7: 24 };

describe('the Node that runs the tests', () => {
  // Older ones crash when a hostile WebSocket server answers (CVE-2026-1526, CVE-2026-1528, CVE-2026-2229).
  it('has an HTTP client without known crashes', () => {
    const [major = 0, minor = 0] = (process.versions['undici'] ?? '').split('.').map(Number);

    expect(major).toBeGreaterThanOrEqual(6);
    expect(minor).toBeGreaterThanOrEqual(fixedIn[major] ?? 0);
  });
});
