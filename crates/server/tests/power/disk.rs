//! Disks in files, and file systems on them.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::rig::PATIENCE;

const BYTES: u64 = 64 << 20;
/// The disk that is recorded.
pub(crate) const IMAGE: &str = "disk.img";

/// Runs a program that must succeed, and gives what it prints.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|why| panic!("{program}: {why}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("it is text")
}

/// An empty file system in a file.
pub(crate) fn formatted(folder: &Path) -> PathBuf {
    let path = folder.join("base.img");
    File::create(&path).and_then(|it| it.set_len(BYTES)).expect("there is room");
    // Nothing is left to be done in the background.
    let whole = "lazy_itable_init=0,lazy_journal_init=0";
    run("mkfs.ext4", &["-q", "-F", "-E", whole, text(&path)]);
    path
}

/// A file system that is mounted from an image.
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    /// Mounts it, for which the file system reads its journal.
    pub(crate) fn new(device: &Path, at: &Path) -> Self {
        fs::create_dir_all(at).expect("there is room");
        let more: &[&str] = if device.starts_with("/dev") { &[] } else { &["-o", "loop"] };
        run("mount", &[&["-t", "ext4"], more, &[text(device), text(at)]].concat());
        Self(at.to_owned())
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("store")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // It may have failed because of what is reported already.
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// A mounted disk of which each write and each flush is recorded, in the order in which they are done.
///
/// The kernel's loop device writes to a file that is none: `qemu-storage-daemon` takes the writes, puts them into
/// the image, and notes them. So nothing is in between that could keep a write back, or flush one of itself.
pub(crate) struct Recorded {
    mounted: Option<Mounted>,
    device: Option<String>,
    daemon: Child,
    record: PathBuf,
}

impl Recorded {
    pub(crate) fn new(folder: &Path, base: &Path) -> Self {
        let [image, export, record] = [IMAGE, "export.img", "record.bin"].map(|it| folder.join(it));
        fs::copy(base, &image).expect("there is room");
        File::create(&export).expect("there is room");
        File::create(&record).expect("there is room");
        let daemon = Command::new("qemu-storage-daemon")
            .arg("--blockdev")
            .arg(format!("driver=file,node-name=file,filename={}", text(&image)))
            .arg("--blockdev")
            .arg(format!("driver=file,node-name=record,filename={}", text(&record)))
            .args(["--blockdev", "driver=blklogwrites,node-name=disk,file=file,log=record"])
            .arg("--export")
            .arg(format!("type=fuse,id=it,node-name=disk,mountpoint={},writable=on", text(&export)))
            .stdin(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut this = Self { mounted: None, device: None, daemon, record };
        let start = Instant::now();
        while fs::metadata(&export).map_or(0, |it| it.len()) != BYTES {
            assert!(start.elapsed() < PATIENCE, "qemu-storage-daemon exports nothing");
            sleep(Duration::from_millis(20));
        }
        // The export takes one request at a time: with direct I/O the loop device would send several.
        let device = run("losetup", &["-f", "--show", "--direct-io=off", text(&export)]);
        this.mounted = Some(Mounted::new(device.as_ref(), &folder.join("live")));
        this.device = Some(device);
        this
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.mounted.as_ref().expect("it is mounted").store()
    }

    pub(crate) fn record(&self) -> &Path {
        &self.record
    }

    /// How long the record is: what was written before is in it.
    pub(crate) fn recorded(&self) -> u64 {
        fs::metadata(&self.record).expect("it is there").len()
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        self.mounted = None;
        if let Some(device) = &self.device {
            let _ = Command::new("losetup").args(["-d", device]).status();
        }
        // A signal that it takes: then it takes its export away, too.
        let _ = Command::new("kill").arg(self.daemon.id().to_string()).status();
        let _ = self.daemon.wait();
    }
}
