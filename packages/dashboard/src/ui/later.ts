// What is loaded right after the first picture, in one file: its parts are smaller together.

export { adoptLaterStylesheet } from '../theme/later-stylesheet.ts';
export { default as EventsCard } from './EventsCard.svelte';
export { default as FoundList } from './FoundList.svelte';
export { focusRow, handleKey } from './keyboard.ts';
export { default as LazyTables } from './LazyTables.svelte';
export { default as Notice } from './Notice.svelte';
export { default as Rest } from './Rest.svelte';
export { default as Statement } from './Statement.svelte';
