// Encoders' options, each with a keyframe a second.

export const MPEG4 = "-c:v mpeg4 -q:v 5 -g 25 -bf 0".split(" ");
export const MPEG2 = "-c:v mpeg2video -q:v 5 -g 25 -bf 2".split(" ");
export const VP9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 400k -g 25".split(" ");
export const VP8 = "-c:v libvpx -deadline realtime -cpu-used 16 -b:v 500k -g 25".split(" ");
export const HEVC =
  "-c:v libx265 -preset ultrafast -crf 30 -x265-params log-level=error:keyint=25 -pix_fmt yuv420p".split(" ");
export const THEORA = "-c:v libtheora -q:v 6 -g 25".split(" ");
/** One keyframe, at the beginning. */
export const ONE_KEYFRAME =
  "-c:v libx264 -preset veryfast -crf 28 -g 9999 -keyint_min 9999 -sc_threshold 0 -bf 0 -pix_fmt yuv420p".split(
    " ",
  );
