// Which codings of pictures are decoded. Everything else that ffmpeg could open is attack surface that no user needs.

/** ffmpeg's names of the codecs, each with those of its decoders that may run. */
const DECODERS: Record<string, readonly string[]> = {
  h264: ["h264"],
  hevc: ["hevc"],
  av1: ["libdav1d", "libaom-av1", "av1"],
  vp8: ["vp8"],
  vp9: ["vp9"],
  mpeg1video: ["mpeg1video", "mpegvideo"],
  mpeg2video: ["mpeg2video", "mpegvideo"],
  mpeg4: ["mpeg4"],
  msmpeg4v1: ["msmpeg4v1"],
  msmpeg4v2: ["msmpeg4v2"],
  msmpeg4v3: ["msmpeg4"],
  wmv1: ["wmv1"],
  wmv2: ["wmv2"],
  wmv3: ["wmv3"],
  vc1: ["vc1"],
  theora: ["theora"],
  prores: ["prores"],
  dnxhd: ["dnxhd"],
  mjpeg: ["mjpeg"],
  h263: ["h263"],
  flv1: ["flv"],
};

/** Of single pictures: a stream of one such picture beside others is a cover, whatever its disposition. */
const STILL_CODECS = new Set(["mjpeg", "png", "bmp", "gif", "tiff", "webp"]);

export const isAcceptedCodec = (codec: string): boolean => Object.hasOwn(DECODERS, codec);
export const isStillCodec = (codec: string): boolean => STILL_CODECS.has(codec);

/**
 * The same for ffmpeg and ffprobe themselves, so that nothing else decodes pictures whatever a file turns out to hold.
 * Sound is not decoded. PNG is for covers: ffprobe gives up on a file when it may not open one of its streams.
 */
export const DECODER_ARGUMENTS: readonly string[] = [
  "-codec_whitelist:v",
  [...new Set(Object.values(DECODERS).flat()), "png"].join(","),
];
