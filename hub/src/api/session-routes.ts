/** Routes of coming in: claiming the hub, signing in and out, joining by invitation, and what people change of themselves. */
import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import { permissionsOf } from "../access/roles.ts";
import type { NewEntry } from "../audit/audit.ts";
import { HubError } from "../errors.ts";
import type { Begun, People } from "../people/people.ts";
import { signInNeeded } from "../people/sessions.ts";
import {
  AcceptInvitation,
  ApiError,
  Claim,
  type HomeSettings,
  Hub,
  InvitationFace,
  Me,
  Refresh,
  Session,
  SignIn,
} from "./contract.ts";
import { clearSessionCookies, readSessionCookie, setSessionCookies } from "./cookies.ts";
import { byWhom, fromOf, selfOf } from "./guard.ts";
import type { Api } from "./home-routes.ts";
import { isFromHub } from "./request.ts";

export interface SessionRoutes {
  people: People;
  /** The home as it is shown; changing it may start the hub's inner parts anew. */
  homeSettings: {
    homeId: string;
    get(): HomeSettings;
    /** Throws HubError BAD_REQUEST. */
    check(settings: HomeSettings): void;
    set(settings: HomeSettings): void;
    /** What the machine's own settings decide. */
    fixed: readonly (keyof HomeSettings)[];
  };
  isDemo: boolean;
  httpsUrl(): string | null;
  /** Where the app is, ending with a slash. */
  basePath: string;
  nowMs(): number;
  audit(entry: NewEntry): void;
  version: string;
}

const errors = { 400: ApiError, 401: ApiError, 403: ApiError, 409: ApiError, 429: ApiError };
const Code = Type.Object({ code: Type.String({ maxLength: 64 }) });

export function addSessionRoutes(api: Api, options: SessionRoutes): void {
  const { people, homeSettings, basePath, audit } = options;

  function sessionOf(person: Begun["person"]): Session {
    return {
      person: { id: person.id, name: person.name, language: person.language },
      role: person.role,
      permissions: permissionsOf(person.role, null),
      home: { id: homeSettings.homeId, name: homeSettings.get().name },
    };
  }

  /** The answer of a route that signs somebody in: cookies, or tokens when a program asks for them. */
  function answer(reply: FastifyReply, { person, tokens }: Begun, wantsTokens = false): Session {
    if (!wantsTokens) setSessionCookies(reply, tokens, basePath, options.nowMs());
    const { accessToken, accessExpiresMs, refreshToken } = tokens;
    return {
      ...sessionOf(person),
      ...(wantsTokens && { tokens: { accessToken, accessExpiresMs, refreshToken: refreshToken ?? "" } }),
    };
  }

  api.get(
    "/api/hub",
    {
      config: { access: "public" },
      schema: { summary: "What everybody may know of the hub", tags: ["session"], response: { 200: Hub } },
    },
    (request): Hub => {
      const isClaimed = people.isClaimed();
      return {
        state: isClaimed ? "claimed" : "unclaimed",
        version: options.version,
        isDemo: options.isDemo,
        isLocal: isFromHub(request),
        needsCode: !isClaimed && !isFromHub(request),
        home: isClaimed ? null : homeSettings.get(),
        fixed: isClaimed ? [] : [...homeSettings.fixed],
        httpsUrl: options.httpsUrl(),
      };
    },
  );
  api.post(
    "/api/claim",
    {
      config: { access: "public" },
      schema: {
        summary: "Become the owner of a hub that has none",
        tags: ["session"],
        body: Claim,
        response: { 200: Session, ...errors },
      },
    },
    async (request, reply) => {
      const { code, name, password, language, home } = request.body;
      homeSettings.check(home);
      const begun = await people.claim({ name, password, language }, code ?? null, fromOf(request));
      homeSettings.set(home);
      return answer(reply, begun);
    },
  );
  api.get(
    "/api/session",
    {
      config: { access: "self" },
      schema: { summary: "Who is signed in", tags: ["session"], response: { 200: Session, ...errors } },
    },
    (request): Session => {
      return sessionOf(people.person(selfOf(request).personId));
    },
  );
  api.post(
    "/api/session",
    {
      config: { access: "public" },
      schema: { summary: "Sign in", tags: ["session"], body: SignIn, response: { 200: Session, ...errors } },
    },
    async (request, reply) => {
      const { name, password, wantsTokens } = request.body;
      return answer(reply, await people.signIn(name, password, fromOf(request)), wantsTokens);
    },
  );
  api.post(
    "/api/session/refresh",
    {
      config: { access: "public" },
      preValidation: async (request) => {
        request.body ??= {}; // the cookie says it all
      },
      schema: {
        summary: "Exchange the refresh token (of the cookie, or of the body) for new tokens",
        tags: ["session"],
        body: Refresh,
        response: { 200: Session, ...errors },
      },
    },
    async (request, reply) => {
      const given = request.body.refreshToken;
      const token = given ?? readSessionCookie(request, "refresh");
      if (token === undefined) throw signInNeeded();
      try {
        return answer(reply, await people.refresh(token, fromOf(request)), given !== undefined);
      } catch (error) {
        if (error instanceof HubError && given === undefined) clearSessionCookies(reply, basePath);
        throw error;
      }
    },
  );
  api.delete(
    "/api/session",
    {
      config: { access: "self" },
      schema: { summary: "Sign out here", tags: ["session"], response: { 204: Type.Null(), ...errors } },
    },
    async (request, reply) => {
      const { personId, sessionId } = selfOf(request);
      people.endSession(personId, sessionId);
      audit({ ...byWhom(request), action: "session.end" });
      clearSessionCookies(reply, basePath);
      return reply.code(204).send(null);
    },
  );
  api.get(
    "/api/join/:code",
    {
      config: { access: "public" },
      schema: {
        summary: "What an invitation invites to",
        tags: ["session"],
        params: Code,
        response: { 200: InvitationFace, 404: ApiError, 429: ApiError },
      },
    },
    ({ params }): InvitationFace => {
      const invitation = people.invitation(params.code);
      const { role, expiresMs } = invitation;
      return { homeName: homeSettings.get().name, role, createdBy: people.inviter(invitation), expiresMs };
    },
  );
  api.post(
    "/api/join/:code",
    {
      config: { access: "public" },
      schema: {
        summary: "Accept an invitation",
        tags: ["session"],
        params: Code,
        body: AcceptInvitation,
        response: { 200: Session, 404: ApiError, ...errors },
      },
    },
    async (request, reply) => answer(reply, await people.join(request.params.code, request.body, fromOf(request))),
  );
  api.patch(
    "/api/me",
    {
      config: { access: "self" },
      schema: {
        summary: "Change the own name, language or password",
        tags: ["people"],
        body: Me,
        response: { 200: Session, ...errors },
      },
    },
    async (request): Promise<Session> => {
      const { personId, sessionId } = selfOf(request);
      const { body } = request;
      if (body.password) {
        await people.changePassword(personId, body.password.old, body.password.new, fromOf(request));
        people.endOtherSessions(personId, sessionId);
        audit({ ...byWhom(request), action: "person.password" });
      }
      if (body.name !== undefined) {
        people.rename(personId, body.name);
        audit({ ...byWhom(request), action: "person.rename", target: body.name });
      }
      if (body.language !== undefined) people.changeLanguage(personId, body.language);
      return sessionOf(people.person(personId));
    },
  );
}
