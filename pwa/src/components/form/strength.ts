/** How well a password stands against guessing: 0 is too short, 1 weak, 2 fair, 3 strong. */
export type Strength = 0 | 1 | 2 | 3;

/** As the hub asks for. */
export const SHORTEST_PASSWORD = 8;

// What everybody tries first; beginnings, as "password123" is no better.
const usual = /^(pass?word|passw0rd|qwerty|asdf|iloveyou|admin|welcome|letmein|faiban|1234|abcd|รหัส)/i;

/**
 * A word about a password, in bits of what a guesser must try: kinds of characters tell the alphabet, and characters
 * that only repeat or count on add nothing. Bounds after NIST SP 800-63B's advice that length is what matters.
 */
export function passwordStrength(password: string, ...known: string[]): Strength {
  if ([...password].length < SHORTEST_PASSWORD) return 0;
  const lower = password.toLowerCase();
  const holdsName = known.some((word) => word.trim().length > 2 && lower.includes(word.trim().toLowerCase()));
  if (usual.test(password) || holdsName) return 1;
  const bits = surprising(password) * Math.log2(alphabetOf(password));
  if (bits < 40) return 1;
  return bits < 60 ? 2 : 3;
}

function alphabetOf(password: string): number {
  let size = 0;
  if (/[a-z]/.test(password)) size += 26;
  if (/[A-Z]/.test(password)) size += 26;
  if (/\d/.test(password)) size += 10;
  if (/[^\sA-Za-z0-9\u0E00-\u0E7F]/.test(password)) size += 20;
  if (/\s/.test(password)) size += 4;
  if (/[\u0E00-\u0E7F]/.test(password)) size += 60;
  return Math.max(size, 2);
}

/** How many of the characters neither repeat the one before nor count on from it. */
function surprising(password: string): number {
  const codes = [...password].map((letter) => letter.codePointAt(0) ?? 0);
  return codes.filter((code, index) => index === 0 || Math.abs(code - codes[index - 1]!) > 1).length;
}
