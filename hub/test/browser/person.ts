/** Somebody in front of the app, who does one thing after the other. */
import type { Locator, Page } from "playwright-core";

export interface Somebody {
  /** What it took so far: clicks, and fields that were filled. */
  actions(): number;
  click(what: Locator): Promise<void>;
  fill(field: Locator, text: string): Promise<void>;
  /** Presses the button of that name. */
  press(name: string | RegExp): Promise<void>;
}

export function somebodyAt(page: Page): Somebody {
  let actions = 0;
  const click = async (what: Locator) => {
    actions++;
    await what.click();
  };
  return {
    actions: () => actions,
    click,
    async fill(field, text) {
      actions++;
      await field.fill(text);
    },
    press: (name) => click(page.getByRole("button", { name }).first()),
  };
}
