import { SHORTEST_PASSWORD } from "../../components/form/strength.ts";
import { t } from "../../i18n/text.ts";

/** What is wrong with a person's name, in words; null when nothing is. */
export function nameProblem(name: string): string | null {
  return name.trim() ? null : t("door.nameMissing");
}

/** What is wrong with a new password, in words; null when nothing is. */
export function passwordProblem(password: string): string | null {
  return [...password].length >= SHORTEST_PASSWORD ? null : t("door.passwordShort", { count: SHORTEST_PASSWORD });
}
