package asyncio.conformance.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A file of the operating system that fails where a test says so. */
final class ScriptedFile extends FileChannel {
  private final FileChannel file;

  /** How many calls of {@code transferTo} go well; the next ones fail. */
  int goodTransfers = Integer.MAX_VALUE;

  /** How much one call of {@code transferTo} sends. */
  long mostAtOnce = Long.MAX_VALUE;

  boolean readFails;

  final IOException failure = new IOException("broken disk");

  /** How often it was read, except by the operating system. */
  volatile int reads;

  ScriptedFile(FileChannel file) {
    this.file = file;
  }

  @Override
  public long transferTo(long from, long count, WritableByteChannel target) throws IOException {
    if (goodTransfers <= 0) {
      throw failure;
    }
    goodTransfers--;
    return file.transferTo(from, Math.min(count, mostAtOnce), target);
  }

  @Override
  public int read(ByteBuffer target, long from) throws IOException {
    reads++;
    if (readFails) {
      throw failure;
    }
    return file.read(target, from);
  }

  @Override
  public long position() throws IOException {
    return file.position();
  }

  @Override
  public FileChannel position(long newPosition) throws IOException {
    file.position(newPosition);
    return this;
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }

  // ---- not used

  @Override
  public int read(ByteBuffer target) {
    throw new UnsupportedOperationException("read");
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) {
    throw new UnsupportedOperationException("read");
  }

  @Override
  public int write(ByteBuffer source) {
    throw new UnsupportedOperationException("write");
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) {
    throw new UnsupportedOperationException("write");
  }

  @Override
  public FileChannel truncate(long size) {
    throw new UnsupportedOperationException("truncate");
  }

  @Override
  public void force(boolean metaData) {
    throw new UnsupportedOperationException("force");
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long from, long count) {
    throw new UnsupportedOperationException("transferFrom");
  }

  @Override
  public int write(ByteBuffer source, long from) {
    throw new UnsupportedOperationException("write");
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long from, long size) {
    throw new UnsupportedOperationException("map");
  }

  @Override
  public FileLock lock(long from, long size, boolean shared) {
    throw new UnsupportedOperationException("lock");
  }

  @Override
  public FileLock tryLock(long from, long size, boolean shared) {
    throw new UnsupportedOperationException("tryLock");
  }
}
