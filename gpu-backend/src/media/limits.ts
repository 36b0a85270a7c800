// Every number that bounds what one uploaded file can cost. The files come from strangers.

export interface MediaLimits {
  /** Videos that say they are longer, or turn out longer, are refused (video_too_long). */
  maxDurationS: number;
  /** Pixels of one picture, width × height; more is media_limit_exceeded. */
  maxPixels: number;
  /** Wall-clock time of one ffprobe process. */
  probeWallMs: number;
  /** Wall-clock time of one ffmpeg process. */
  decodeWallMs: number;
  /** CPU time of one process, over all its threads (RLIMIT_CPU). */
  cpuS: number;
  /** Address space of one process (RLIMIT_AS), threads' stacks and arenas included; 0 for no limit. */
  memoryBytes: number;
  /** Sampled frames of one video; a longer video is sampled more sparsely. */
  maxFrames: number;
  /** Bytes of all sampled frames of one video; larger frames are sampled more sparsely. */
  maxFrameBytes: number;
  /** Decoder threads of one process; 0 lets ffmpeg choose by the number of cores. */
  threads: number;
}

export const DEFAULT_MEDIA_LIMITS: MediaLimits = {
  maxDurationS: 4 * 3600,
  maxPixels: 8192 * 4352,
  probeWallMs: 30_000,
  decodeWallMs: 15 * 60_000,
  cpuS: 30 * 60,
  memoryBytes: 4 * 1024 ** 3,
  maxFrames: 4 * 3600,
  maxFrameBytes: 256 * 1024 ** 2,
  threads: 0,
};
