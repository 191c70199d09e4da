import door from "../door/door.module.css";
import { DoorTop } from "../door/door-top.tsx";
import TrustPage from "./trust-page.tsx";

/** The trust page for whoever is not signed in yet. */
export default function TrustAlone() {
  return (
    <div class={door.alone}>
      <DoorTop />
      <main id="main" tabindex="-1">
        <TrustPage />
      </main>
    </div>
  );
}
