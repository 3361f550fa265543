import { useEffect, useState } from "preact/hooks";

import { Icon } from "../../components/icon.js";
import { addFiles } from "../../uploads/uploads.js";

import "./drop-zone.css";

/** The whole window takes files; while some are above it, it says so. */
export function DropZone({ albumId }: { readonly albumId: string }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    const hasFiles = ({ dataTransfer }: DragEvent): boolean =>
      dataTransfer?.types.includes("Files") ?? false;
    const on = (type: "dragover" | "dragleave" | "drop", run: (event: DragEvent) => void): void =>
      addEventListener(type, (event) => hasFiles(event) && run(event), { signal: stop.signal });
    on("dragover", (event) => {
      event.preventDefault();
      setOver(true);
    });
    on("dragleave", ({ relatedTarget }) => relatedTarget === null && setOver(false));
    on("drop", (event) => {
      event.preventDefault();
      setOver(false);
      void addFiles(albumId, event.dataTransfer!.files);
    });
    return () => stop.abort();
  }, [albumId]);
  if (!over) return null;
  return (
    <div class="drop-zone">
      <p>
        <Icon name="upload" size={28} /> Drop to upload
      </p>
    </div>
  );
}
