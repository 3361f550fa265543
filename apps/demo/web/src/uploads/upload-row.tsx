import { IconButton } from "../components/button.js";
import { Icon } from "../components/icon.js";
import type { UploadTask } from "./upload-task.js";
import { cancelUpload, retryUpload } from "./uploads.js";

/** One file of the tray, with how far it is. */
export function UploadRow({ task }: { readonly task: UploadTask }) {
  const state = task.state.value;
  const percent = Math.floor((task.sent.value / task.size) * 100);
  return (
    <li class={`upload-row upload-${state}`}>
      <Icon name={state === "done" ? "check" : state === "failed" ? "alert" : "image"} />
      <div class="upload-words">
        <p class="upload-name">{task.name}</p>
        {state === "sending" && <progress value={percent} max={100} aria-label={task.name} />}
        {state === "waiting" && <p class="upload-note">Waiting</p>}
        {state === "failed" && <p class="upload-note">{task.failure}</p>}
        {state === "parted" && <p class="upload-note">Choose the file again to go on.</p>}
      </div>
      {state === "sending" && <span class="upload-note number">{percent} %</span>}
      {state === "failed" && task.file && (
        <IconButton
          icon="retry"
          label={`Try ${task.name} again`}
          onClick={() => void retryUpload(task)}
        />
      )}
      {state !== "done" && (
        <IconButton
          icon="close"
          label={`Cancel ${task.name}`}
          onClick={() => void cancelUpload(task)}
        />
      )}
    </li>
  );
}
