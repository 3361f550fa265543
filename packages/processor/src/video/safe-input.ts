import { resolve } from "node:path";

/**
 * The formats that are read: those that hold everything in the one file. Playlists, lists of files, descriptions of streams and
 * patterns of names (hls, dash, concat, sdp, image2, …), which have ffmpeg open other files and hosts, are none of them.
 */
export const allowedDemuxers: readonly string[] = (
  "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,flv,asf,mxf,ivf,gif,apng," +
  "mp3,aac,ac3,eac3,flac,ogg,wav,w64,aiff,au,caf,amr,ape,wv"
).split(",");

/** The arguments with which a file is opened, and nothing besides it: for ffmpeg and ffprobe. */
export function safeInput(path: string): string[] {
  return [
    "-protocol_whitelist",
    "file",
    "-format_whitelist",
    allowedDemuxers.join(","),
    "-i",
    // a name can't be taken for an option or a protocol
    `file:${resolve(path)}`,
  ];
}

/** The arguments with which every ffmpeg starts. */
export const quietArguments: readonly string[] = ["-nostdin", "-hide_banner", "-loglevel", "error"];
