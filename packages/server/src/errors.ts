import { ConflictError, defineErrors, InternalError, shape, UnavailableError } from "@infra/errors";

/** What the server throws, by class name. */
export const serverErrors = defineErrors({
  ServerAddressInUseError: {
    code: "ERR_SERVER_ADDRESS_IN_USE",
    when: "Something else listens on the host and port already.",
    extends: ConflictError,
    details: shape<{ host: string; port: number; socket?: string }>(),
  },
  ServerListenError: {
    code: "ERR_SERVER_LISTEN",
    when: "The host and port can't be listened on: not permitted, or no address of this machine.",
    extends: InternalError,
    details: shape<{ host: string; port: number; socket?: string }>(),
  },
  ServerStoppedError: {
    code: "ERR_SERVER_STOPPED",
    when: "The server has been stopped: it can't be started again, and requests cut off by the stop end with it.",
    extends: UnavailableError,
  },
});

export const { ServerAddressInUseError, ServerListenError, ServerStoppedError } =
  serverErrors.classes;
