// The page of the bench: makes events at a rate, and counts frames, long tasks and events. Plain JavaScript, served as is.

const POOLS = 50;
const CHANNELS = 20;
const SLOTS = 12;
const query = new URLSearchParams(location.search);
const mode = query.get('mode');
const rate = Number(query.get('rate'));

const counted = { frames: 0, longTasks: 0, events: 0 };
globalThis.counted = counted;
requestAnimationFrame(function next() {
  counted.frames += 1;
  requestAnimationFrame(next);
});
new PerformanceObserver((list) => {
  counted.longTasks += list.getEntries().length;
}).observe({ type: 'longtask' });

const startedAt = Date.now();
const cycle = makeCycle();
let seq = 0;
let observe = () => undefined;
if (rate > 0) setInterval(emit, 10);
let madeUntil = performance.now();

if (mode === 'dashboard') {
  const { mountDashboard } = await import('/sluice-dashboard.js');
  mountDashboard(document.body, { theme: 'light', source: { subscribe } });
}

function subscribe(next) {
  next({ type: 'snapshot', snapshot: snapshot() });
  next({ type: 'status', status: { status: 'live' } });
  seq = 0;
  observe = (event) => next({ type: 'events', events: [event] });
  return { unsubscribe: () => undefined };
}

function emit() {
  const now = performance.now();
  const due = Math.floor(((now - madeUntil) / 1000) * rate);
  if (due === 0) return;
  madeUntil += (due / rate) * 1000;
  const at = Date.now();
  for (let i = 0; i < due; i += 1) {
    seq += 1;
    counted.events += 1;
    observe({ ...cycle[seq % cycle.length], epoch: 'bench', seq, at });
  }
}

/** A round of leases and messages after which everything is as before: each pool fills to 8 of 12 and empties again. */
function makeCycle() {
  const events = [];
  let lease = 0;
  const held = [];
  for (let round = 0; round < 40; round += 1) {
    for (let p = 0; p < POOLS; p += 1) {
      const channel = `channel-${p % CHANNELS}`;
      const message = { channel, message: 'm', namespace: 'n', runId: `r${round}` };
      lease += 1;
      const slot = 1 + (round % 8);
      const pool = `pool-${String(p).padStart(2, '0')}`;
      const waitMs = (round * 7 + p) % 90;
      events.push({ type: 'message.received', ...message });
      events.push({ type: 'lease.acquired', pool, lease, slot, waitMs, label: `r${round}` });
      held.push({ pool, lease, slot });
      if (held.length > POOLS * 6) {
        const end = held.shift();
        events.push({ type: 'lease.released', ...end, heldMs: 400 + ((lease * 31) % 9_000) });
        events.push({ type: 'message.replied', ...message });
      }
    }
  }
  for (const end of held) events.push({ type: 'lease.released', ...end, heldMs: 700 });
  return events;
}

function snapshot() {
  const options = {
    maxSize: SLOTS,
    minIdle: 2,
    maxWaiters: 1_000,
    acquireTimeoutMs: 30_000,
    idleTimeoutMs: 300_000,
    maxLifetimeMs: 1_800_000,
  };
  const slots = Array.from({ length: SLOTS }, (_, i) => ({
    slot: i + 1,
    status: 'idle',
    since: startedAt,
    uses: 0,
  }));
  const stats = { size: SLOTS, idle: SLOTS, maxSize: SLOTS };
  const pools = Array.from({ length: POOLS }, (_, p) => ({
    name: `pool-${String(p).padStart(2, '0')}`,
    provider: 'bench',
    status: 'open',
    stats,
    options,
    slots,
    waiters: [],
  }));
  const channels = Array.from({ length: CHANNELS }, (_, c) => ({
    channel: `channel-${c}`,
    kind: 'bench',
    state: 'running',
    since: startedAt - 600_000,
    generation: 1,
    attempt: 0,
    restartsInWindow: 0,
    restarts: [],
    metadata: {},
    received: 0,
    replied: 0,
    queued: 0,
    running: 0,
  }));
  return {
    epoch: 'bench',
    seq: 0,
    at: Date.now(),
    codec: '1.0',
    name: 'bench',
    environment: 'bench',
    startedAt,
    pools,
    targets: [],
    channels,
    runs: [],
    routes: [],
    faults: [],
    counters: {},
    capabilities: [],
  };
}
