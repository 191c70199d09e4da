import { ErrorNote } from "../components/note.tsx";
import { t } from "../i18n/text.ts";

/** A page whose program could not be loaded, as when the hub went away in between. */
export function NotLoaded(props: { error: unknown }) {
  console.error(props.error);
  return <ErrorNote message={t("error.unloaded")} hint={t("error.unloadedHint")} onRetry={() => location.reload()} />;
}
