/** Takes the focus to what has just taken a form's place, where a keyboard or screen reader goes on. */
export function focusSoon(element: HTMLElement): void {
  queueMicrotask(() => element.focus({ preventScroll: true }));
}
