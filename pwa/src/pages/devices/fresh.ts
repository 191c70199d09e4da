import { createSignal } from "solid-js";
import type { NewDevice } from "../../../../hub/src/api/contract.ts";

/**
 * The device that was just made, null after a reload: its password is told once and kept nowhere else, so a page that
 * is loaded anew cannot show it.
 */
export const [fresh, setFresh] = createSignal<NewDevice | null>(null);
