import type { JSX } from "solid-js";
import { PageHead } from "../../components/page-head.tsx";
import { t } from "../../i18n/text.ts";

/** The title of a section; its way back is only needed where the list is not beside it. */
export function SectionHead(props: { title: string; lead?: string; children?: JSX.Element }) {
  return (
    <PageHead title={props.title} lead={props.lead} back={{ page: "/settings", label: t("settings.title") }}>
      {props.children}
    </PageHead>
  );
}
