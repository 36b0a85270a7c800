import { ProblemError } from "@twinframe/shared/problem";

/** Whoever takes away what cannot come back says its name once more. Problem: `confirmation_missing`. */
export function requireConfirmation(said: string, name: string): void {
  if (said === name) return;
  throw new ProblemError(
    "confirmation_missing",
    `This cannot be undone. Send "confirm": "${name}" with it if you mean it.`,
  );
}
