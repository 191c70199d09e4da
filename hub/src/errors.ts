/** Every way the hub can fail that a person can do something about. Codes are never reused. */
export const errorCodes = {
  CONFIG_INVALID: "A setting has a value that cannot be used",
  PORT_TAKEN: "Another program uses the port",
  PORT_REFUSED: "The system does not allow the port",
  DATA_UNWRITABLE: "The data folder cannot be written",
  DATA_IN_USE: "Another hub uses the data folder",
  DATABASE_NEWER: "The database was written by a newer version",
  DATABASE_DAMAGED: "The database cannot be read",
  BACKUP_DAMAGED: "The backup is not as it was written",
  BACKUP_PASSPHRASE: "The passphrase is not the one of the backup",
  STORE_FAILED: "Readings could not be stored",
  STORE_BACKLOG: "Too many readings wait to be stored",
  BAD_REQUEST: "The request has a value that cannot be used",
  NOT_FOUND: "There is no such thing",
  TOO_MANY_POINTS: "The range has too many points at this step",
  INTERNAL: "The hub made a mistake",
  SECRETS_UNREADABLE: "The hub's secrets cannot be read",
  CERTIFICATE_INVALID: "A certificate cannot be used",
  ANNOUNCE_FAILED: "The hub could not make its name known on the network",
  ACME_FAILED: "No certificate could be had from the certificate authority",
  SIGN_IN_NEEDED: "Nobody is signed in",
  SIGN_IN_FAILED: "The name or the password is not right",
  NOT_ALLOWED: "The person's role does not allow it",
  TOO_MANY_ATTEMPTS: "Too many attempts in a short time",
  ALREADY_CLAIMED: "The hub has an owner",
  CODE_WRONG: "The one-time code is not right",
  DEVICE_OFFLINE: "The device is offline",
  CANNOT_COMMAND: "The device does not take the command",
  UNCLAIMED: "The hub has no owner yet",
  INVITATION_ENDED: "The invitation has ended or was used",
  NAME_TAKEN: "The name is taken",
  LAST_OWNER: "A home needs an owner",
  TOO_MANY: "There is no room for more",
  WRONG_HOST: "The request names another host",
  FOREIGN_SITE: "The request comes from another site",
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** A failure with a code from the table and a hint that says what the user can do. */
export class HubError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "HubError";
    this.code = code;
    this.hint = hint;
  }
}
