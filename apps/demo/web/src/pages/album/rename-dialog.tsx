import { Button } from "../../components/button.js";
import { Dialog } from "../../components/dialog.js";
import { Field } from "../../components/field.js";
import { Notice } from "../../components/notice.js";
import { useSubmit } from "../../components/use-submit.js";

interface RenameDialogProps {
  readonly title: string;
  readonly value: string;
  readonly save: (value: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks for another title. */
export function RenameDialog({ title, value, save, onClose }: RenameDialogProps) {
  const { busy, message, fields, onSubmit } = useSubmit(async (field) => {
    await save(field("title").trim());
    onClose();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      {(close) => (
        <form class="stack" onSubmit={onSubmit}>
          {message !== undefined && <Notice tone="error">{message}</Notice>}
          <Field
            label="Title"
            name="title"
            required
            autoFocus
            maxLength={120}
            defaultValue={value}
            error={fields["title"]}
          />
          <div class="dialog-actions">
            <Button variant="quiet" onClick={close}>
              Cancel
            </Button>
            <Button variant="primary" type="submit" busy={busy}>
              Save
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
