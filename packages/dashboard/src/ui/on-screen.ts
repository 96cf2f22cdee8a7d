import type { Attachment } from 'svelte/attachments';
import type { DashboardView } from '../view/dashboard-view.svelte.ts';

/** Tells a row whether it can be seen: one that cannot is not written to, until it comes back. */
export function onScreen(row: { isOnScreen: boolean }, view: DashboardView): Attachment {
  return (element) => {
    const observer = new IntersectionObserver((entries) => {
      const isSeen = entries.at(-1)?.isIntersecting === true;
      const hasAppeared = isSeen && !row.isOnScreen;
      row.isOnScreen = isSeen;
      if (hasAppeared) view.refresh();
    });
    observer.observe(element);
    return () => observer.disconnect();
  };
}
