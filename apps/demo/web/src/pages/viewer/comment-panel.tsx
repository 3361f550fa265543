import { useEffect, useMemo } from "preact/hooks";

import type { Comment } from "../../../../src/contract.js";
import { messageOf } from "../../api/problem-error.js";
import { Ago } from "../../components/ago.js";
import { Avatar } from "../../components/avatar.js";
import { IconButton } from "../../components/button.js";
import { Notice } from "../../components/notice.js";
import { account } from "../../state/session.js";
import { createThread, type Thread } from "../../state/thread.js";
import { showToast } from "../../state/toasts.js";
import type { LiveGallery } from "../../state/use-gallery.js";
import { CommentForm } from "./comment-form.js";

import "./comment-panel.css";

interface CommentPanelProps {
  readonly photoId: string;
  readonly live: LiveGallery;
}

/** What is said about a photo; new ones appear as they are written. */
export function CommentPanel({ photoId, live }: CommentPanelProps) {
  const thread = useMemo(() => createThread(photoId), [photoId]);
  useEffect(() => {
    void thread.read();
    return live.onEvent(thread.apply);
  }, [thread]);
  const list = thread.list.value;
  const error = thread.error.value;
  return (
    <section class="comments" aria-label="Comments">
      <div class="comment-list" role="log" aria-label="Comments of this photo" tabIndex={0}>
        {error !== undefined && (
          <Notice tone="error" onRetry={() => void thread.read()}>
            {error}
          </Notice>
        )}
        {list?.length === 0 && <p class="muted small">Nobody has said anything yet.</p>}
        {list && list.length > 0 && (
          <ol>
            {list.map((comment) => (
              <Said key={comment.id} comment={comment} thread={thread} />
            ))}
          </ol>
        )}
      </div>
      <CommentForm thread={thread} />
    </section>
  );
}

function Said({ comment, thread }: { readonly comment: Comment; readonly thread: Thread }) {
  const { id, by, text, createdAt } = comment;
  const remove = (): void =>
    void thread
      .remove(id)
      .catch((error: unknown) => showToast(messageOf(error), { tone: "error" }));
  return (
    <li class="comment">
      <Avatar name={by.name} small />
      <div>
        <p class="comment-head">
          <strong>{by.name}</strong>{" "}
          <span class="muted">
            <Ago at={createdAt} />
          </span>
        </p>
        <p class="comment-text">{text}</p>
      </div>
      {by.id === account.value?.id && (
        <IconButton icon="trash" label="Delete your comment" onClick={remove} />
      )}
    </li>
  );
}
