/** The words of signing in, people and settings: they come with the pages that say them. */
import { addWords } from "../text.ts";
import { en } from "./en.ts";
import { th } from "./th.ts";

addWords({ en, th });
