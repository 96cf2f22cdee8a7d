import { createPool } from 'generic-pool';
import { connect, type Connection, report } from './connection.ts';

const pool = createPool<Connection>(
  {
    create: () => connect(),
    destroy: (connection) => connection.end(),
    validate: async (connection) => connection.isOpen,
  },
  {
    max: 10,
    min: 2,
    maxWaitingClients: 100,
    acquireTimeoutMillis: 5_000,
    testOnBorrow: true,
    evictionRunIntervalMillis: 10_000,
    softIdleTimeoutMillis: 60_000,
  },
);
pool.on('factoryCreateError', report);

export async function titles(): Promise<readonly string[]> {
  const connection = await pool.acquire();
  try {
    const found = await connection.query('select title from books');
    await pool.release(connection);
    return found;
  } catch (error) {
    await pool.destroy(connection); // it may be broken
    throw error;
  }
}

export async function stop(): Promise<void> {
  await pool.drain();
  await pool.clear();
}
