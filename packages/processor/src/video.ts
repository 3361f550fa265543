export { videoConfig } from "./config.js";
export { hlsVariants, type HlsVariant } from "./video/hls-arguments.js";
export type { MediaInput } from "./video/media-input.js";
export type { MediaProgress } from "./video/media-progress.js";
export type { AudioTrack, MediaMetadata, VideoTrack } from "./video/probe-media.js";
export type {
  AudioTrackOptions,
  MediaContainer,
  TranscodeOperations,
  VideoTrackOptions,
} from "./video/transcode-arguments.js";
export type { VideoServiceOptions } from "./video/video-options.js";
export { VideoService } from "./video/video-service.js";
export type {
  ClipOptions,
  HlsOptions,
  HlsResult,
  MediaCallOptions,
  MediaResult,
  VideoStats,
} from "./video/video-service.js";
export type { VideoThumbnail, VideoThumbnailOptions } from "./video/video-thumbnail.js";
