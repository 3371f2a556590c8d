import type { Mailbox } from "@daybook/adapters";
import type { App, Principal, ProjectionStatus, Reader } from "@daybook/application";

/** What the API is told when the program is wired. */
export type ApiOptions = {
  app: App;
  /** Where mail is kept in development; nothing where it is sent by SMTP. */
  mailbox: Mailbox | undefined;
  /** Whether secrets in mails may show: only where nobody but this machine can look. */
  showSecrets: boolean;
  /** The address people use, for links; known once the server listens. */
  url: () => string;
  newId: () => string;
};

/** What every procedure of one HTTP request shares. */
export type Context = ApiOptions & {
  /** How far the read models are. */
  projections: () => Promise<ProjectionStatus[]>;
  /** Who is signed in, checked once for the request. */
  principal: Principal | undefined;
  /** The read models of their organization. */
  views: Reader | undefined;
  token: string | undefined;
  /** The highest position of this log that the client has seen. */
  seen: number;
  ip: string;
  userAgent: string | undefined;
  /** Hands the browser a session, or takes it away. */
  setSession: (token: string | undefined) => void;
};

/** The context behind the guard of a procedure that needs a person. */
export type SignedIn = Context & {
  principal: Principal;
  views: Reader;
};
