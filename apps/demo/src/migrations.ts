import type { Migration } from "@infra/database";

/** The schema, oldest step first. Accounts, sessions and jobs have tables of their packages' own. */
export const migrations: readonly Migration[] = [
  {
    name: "001_albums",
    async up(knex) {
      // version 7 of UUIDs: their order is that of their making, which the pages go by
      await knex.raw(`
        create table claims (what text primary key, account_id uuid not null);
        create table albums (
          id uuid primary key,
          title text not null,
          owner_id uuid not null,
          created_at timestamptz not null default now(),
          deleted_at timestamptz,
          search tsvector generated always as (to_tsvector('simple', translate(title, '-_./', '    '))) stored
        );
        create index albums_search on albums using gin (search);
        create index albums_deleted on albums (deleted_at) where deleted_at is not null;
        create table members (
          album_id uuid not null references albums on delete cascade,
          account_id uuid not null,
          role text not null check (role in ('owner', 'member')),
          created_at timestamptz not null default now(),
          primary key (account_id, album_id)
        );
        create index members_album on members (album_id);
        create table shares (
          id uuid primary key,
          album_id uuid not null references albums on delete cascade,
          token_hash text not null unique,
          created_at timestamptz not null default now(),
          expires_at timestamptz not null
        );
        create index shares_album on shares (album_id);
      `);
    },
    async down(knex) {
      await knex.raw("drop table shares, members, albums, claims");
    },
  },
  {
    name: "002_photos",
    async up(knex) {
      await knex.raw(`
        create table photos (
          id uuid primary key,
          album_id uuid not null references albums,
          by_id uuid not null,
          kind text not null check (kind in ('image', 'video')),
          title text not null,
          status text not null default 'processing' check (status in ('processing', 'ready', 'failed')),
          failure text,
          width integer not null default 0,
          height integer not null default 0,
          colour text not null default '#808080',
          placeholder text not null default '',
          sizes jsonb not null default '[]',
          duration_ms integer,
          bytes bigint not null,
          created_at timestamptz not null default now(),
          deleted_at timestamptz,
          search tsvector generated always as (to_tsvector('simple', translate(title, '-_./', '    '))) stored
        );
        create index photos_album on photos (album_id, id desc) where deleted_at is null;
        create index photos_search on photos using gin (search);
        create index photos_deleted on photos (deleted_at) where deleted_at is not null;
        create table comments (
          id uuid primary key,
          photo_id uuid not null references photos on delete cascade,
          by_id uuid not null,
          text text not null,
          created_at timestamptz not null default now()
        );
        create index comments_photo on comments (photo_id, id);
        create table uploads (
          id uuid primary key,
          album_id uuid not null references albums on delete cascade,
          by_id uuid not null,
          name text not null,
          bytes bigint not null,
          part_bytes integer not null,
          created_at timestamptz not null default now()
        );
        create table audit (
          at timestamptz not null,
          action text not null,
          outcome text not null,
          account_id uuid,
          address text,
          request_id text
        );
        create index audit_at on audit (at);
      `);
    },
    async down(knex) {
      await knex.raw("drop table audit, uploads, comments, photos");
    },
  },
];
