// For tests of Sluice and of what is built on it. Never part of a production bundle.

export { VirtualClock } from './virtual-clock.ts';
