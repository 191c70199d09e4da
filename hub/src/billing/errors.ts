/** An input that cannot be billed: what is wrong, and a hint that says what the user can do. */
export class BillingError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = "BillingError";
    this.hint = hint;
  }
}
