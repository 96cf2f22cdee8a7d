// What of it is the pool of clients alone.
export { ClientPool } from '@sluice/core';
