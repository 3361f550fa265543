import type { SqlPool } from "@infra/interfaces";

/** What a payload of NOTIFY may take: below 8,000 bytes. */
const longestPayload = 7_900;

/** The names of what belongs to a prefix. */
export interface PostgresNames {
  readonly log: string;
  readonly topic: string;
  readonly message: string;
  readonly large: string;
  /** The channel, and what the functions begin with. */
  readonly name: string;
}

export function namesOf(prefix: string): PostgresNames {
  const name = `infra_${prefix.replaceAll("-", "_")}`;
  return {
    log: `${name}_log`,
    topic: `${name}_topic`,
    message: `${name}_message`,
    large: `${name}_large`,
    name,
  };
}

/** Rises when the tables or functions change. */
const version = 1;

/** Makes the tables and functions that are missing. */
export async function createSchema(
  pool: SqlPool,
  names: PostgresNames,
  epoch: string,
): Promise<void> {
  // what is there is left alone: making it again would wait for publishers, and they for it
  if (await isThere(pool, names)) return;
  const client = await pool.connect();
  try {
    await client.query("begin");
    // two processes that begin at the same time would both find nothing
    await client.query("select pg_advisory_xact_lock(hashtext($1))", [names.name]);
    if (!(await isThere(client, names))) {
      await client.query(schemaOf(names));
      await client.query(
        `insert into ${names.log}(epoch, version) values ($1, $2) on conflict (one) do update set version = excluded.version`,
        [epoch, version],
      );
    }
    await client.query("commit");
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function isThere(client: Pick<SqlPool, "query">, { log }: PostgresNames): Promise<boolean> {
  const { rows } = await client.query<{ log: string | null }>("select to_regclass($1) as log", [
    log,
  ]);
  if (rows[0]!.log === null) return false;
  const found = await client.query<{ version: number }>(`select version from ${log}`);
  return (found.rows[0]?.version ?? 0) >= version;
}

// The log's one row is what publishers wait for: messages are committed in the order of their numbers, so that no reader
// passes one that is not there yet.
function schemaOf({ log, topic, message, large, name }: PostgresNames): string {
  return `
create table if not exists ${log} (
  one boolean primary key default true check (one),
  epoch text not null,
  version integer not null,
  seq bigint not null default 0,
  forgotten bigint not null default 0
);
create table if not exists ${topic} (
  topic text primary key,
  last bigint not null,
  written_at timestamptz not null default now()
);
create table if not exists ${message} (
  seq bigint primary key,
  topic text not null,
  prev bigint not null,
  body text not null
);
create index if not exists ${message}_topic on ${message} (topic, seq);
create table if not exists ${large} (
  id bigint generated always as identity primary key,
  body text not null,
  written_at timestamptz not null default now()
);

create or replace function ${name}_append(a_topic text, a_body text, a_keep bigint)
returns void language plpgsql as $$
declare
  a_seq bigint;
  a_epoch text;
  a_prev bigint;
  payload text;
begin
  update ${log} set seq = seq + 1 returning seq, epoch into a_seq, a_epoch;
  select last into a_prev from ${topic} where topic = a_topic;
  a_prev := coalesce(a_prev, 0);
  insert into ${topic}(topic, last) values (a_topic, a_seq)
    on conflict (topic) do update set last = excluded.last, written_at = now();
  insert into ${message}(seq, topic, prev, body) values (a_seq, a_topic, a_prev, a_body);
  -- now and then
  if random() < 0.02 then
    delete from ${message} where topic = a_topic and seq <=
      (select seq from ${message} where topic = a_topic order by seq desc offset a_keep limit 1);
  end if;
  payload := '= ' || a_epoch || ' ' || a_seq || ' ' || a_prev || ' ' || a_topic || ' ' || a_body;
  if octet_length(payload) > ${longestPayload} then
    payload := '=# ' || a_epoch || ' ' || a_seq || ' ' || a_prev || ' ' || a_topic || ' ';
  end if;
  perform pg_notify('${name}', payload);
end $$;

create or replace function ${name}_send(a_origin text, a_topic text, a_body text)
returns void language plpgsql as $$
declare
  payload text;
  a_id bigint;
begin
  payload := '@ ' || a_origin || ' ' || a_topic || ' ' || a_body;
  if octet_length(payload) > ${longestPayload} then
    insert into ${large}(body) values (a_body) returning id into a_id;
    payload := '@# ' || a_origin || ' ' || a_topic || ' ' || a_id;
  end if;
  perform pg_notify('${name}', payload);
end $$;

create or replace function ${name}_tidy(keep_ms bigint)
returns void language plpgsql as $$
declare
  gone bigint;
begin
  update ${log} set seq = seq;
  select max(last) into gone from ${topic} where written_at < now() - keep_ms * interval '1 millisecond';
  if gone is not null then
    delete from ${message} where topic in
      (select topic from ${topic} where written_at < now() - keep_ms * interval '1 millisecond');
    delete from ${topic} where written_at < now() - keep_ms * interval '1 millisecond';
    update ${log} set forgotten = greatest(forgotten, gone);
  end if;
  delete from ${large} where written_at < now() - interval '1 minute';
end $$;
`;
}
