// Identities. The brand keeps an id of one thing from being passed for another; at run time each is a plain string.

type Id<Kind extends string> = string & { readonly kind?: Kind }

/** `inc_<uuid v7>`; people see `INC-<number>`. */
export type IncidentId = Id<'incident'>
/** `plan_<uuid v7>`. */
export type PlanId = Id<'plan'>
/** `run_<uuid v7>`; also the SSH certificate's key id and the run record's name on the host. */
export type RunId = Id<'run'>
/** `del_<uuid v7>`: one HTTP request of a source. */
export type DeliveryId = Id<'delivery'>
/** The form's nonce, `dec_<uuid v7>`; also the workflow update's id. */
export type DecisionId = Id<'decision'>
/** Lower-case hex SHA-256 of the redacted canonical JSON of a probe's answer. */
export type EvidenceId = Id<'evidence'>
/** Lower-case hex SHA-256 of canonical JSON. */
export type Digest = Id<'digest'>
/** The inventory's stable id of a host: `[a-z0-9][a-z0-9.-]{0,62}`. */
export type HostId = Id<'host'>
