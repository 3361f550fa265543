import { useState } from "preact/hooks";

import type { Configuration, SettingRow } from "../../../src/admin/contract.js";
import { Card } from "../components/card.js";
import { Field } from "../components/field.js";
import { Answered, usePolled } from "./polled.js";
import { Table } from "./table.js";

/** Every setting of the process that answers, with where its value came from. */
export function ConfigTab() {
  const [text, setText] = useState("");
  const [changed, onlyChanged] = useState(false);
  const config = usePolled<Configuration>("/api/admin/config", 60_000);
  const isShown = (setting: SettingRow): boolean =>
    matches(setting, text) && (!changed || !isDefault(setting));
  return (
    <Answered by={config}>
      {({ settings }) => {
        const shown = settings.filter(isShown);
        return (
          <Card title="Configuration">
            <div class="row filters">
              <Field
                label="Find"
                type="search"
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
              />
              <label class="row small">
                <input
                  type="checkbox"
                  checked={changed}
                  onChange={(event) => onlyChanged(event.currentTarget.checked)}
                />
                Only what is not a default
              </label>
              <p class="small muted push" role="status">
                {shown.length} of {settings.length} settings
              </p>
            </div>
            <Table label="Settings" columns={["Setting", "Value", "From"]}>
              {shown.map((setting) => (
                <Setting key={setting.path} setting={setting} />
              ))}
            </Table>
          </Card>
        );
      }}
    </Answered>
  );
}

function Setting({
  setting: { path, doc, value, source, outdone },
}: {
  readonly setting: SettingRow;
}) {
  return (
    <tr>
      <th scope="row">
        {path}
        <div class="small muted">{doc}</div>
      </th>
      <td class="mono">{value ?? "–"}</td>
      <td>
        {source ?? "not set"}
        {outdone.length > 0 && <div class="small muted">over {outdone.join(", ")}</div>}
      </td>
    </tr>
  );
}

function matches({ path, doc, value = "" }: SettingRow, text: string): boolean {
  return `${path} ${doc} ${value}`.toLowerCase().includes(text.toLowerCase());
}

function isDefault({ source }: SettingRow): boolean {
  return source === undefined || source === "default";
}
