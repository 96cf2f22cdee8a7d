import { Pool } from '@sluice/core/pool';
import { connect, type Connection, report } from './connection.ts';

const pool = new Pool<Connection>({
  name: 'books',
  create: () => connect(),
  destroy: (connection) => connection.end(),
  check: (connection) => connection.isOpen,
  isBroken: () => true, // any error ends a connection, as before; better: only those that broke it
  maxSize: 10,
  minIdle: 2,
  maxWaiters: 100,
  acquireTimeoutMs: 5_000,
  idleTimeoutMs: 60_000,
});
pool.events$.subscribe((event) => {
  if (event.type === 'client.createFailed') report(event.error);
});

export function titles(): Promise<readonly string[]> {
  return pool.use((connection) => connection.query('select title from books'));
}

export async function stop(): Promise<void> {
  const { abandoned } = await pool.drain({ deadlineMs: 10_000, waiters: 'serve' });
  for (const lease of abandoned) report(lease);
}
