import com.android.build.api.dsl.ApplicationExtension
import org.gradle.api.DefaultTask
import org.gradle.api.Plugin
import org.gradle.api.Project
import org.gradle.kotlin.dsl.configure
import org.gradle.kotlin.dsl.get

private const val TASK_GROUP = "rust"

open class Config {
    /** From `app/` to where `tauri.conf.json` is. */
    lateinit var rootDirRel: String
}

/** One flavour for each processor and one for all, each with the Rust library built before it is packed. */
open class RustPlugin : Plugin<Project> {
    private lateinit var config: Config

    override fun apply(project: Project) = with(project) {
        config = extensions.create("rust", Config::class.java)

        fun listed(name: String, usual: List<String>) =
            (findProperty(name) as? String)?.split(',') ?: usual

        // The Tauri CLI gives the shorter lists where it was told to build for some processors only.
        val allAbis = listOf("arm64-v8a", "armeabi-v7a", "x86", "x86_64")
        val allArchs = listOf("arm64", "arm", "x86", "x86_64")
        val abis = listed("abiList", allAbis)
        val archs = listed("archList", allArchs)
        val targets = listed("targetList", listOf("aarch64", "armv7", "i686", "x86_64"))

        extensions.configure<ApplicationExtension> {
            @Suppress("UnstableApiUsage")
            flavorDimensions.add("abi")
            productFlavors {
                create("universal") {
                    dimension = "abi"
                    ndk { abiFilters += abis }
                }
                allArchs.forEachIndexed { index, arch ->
                    create(arch) {
                        dimension = "abi"
                        ndk { abiFilters.add(allAbis[index]) }
                    }
                }
            }
        }

        afterEvaluate {
            for (profile in listOf("debug", "release")) {
                val profileName = profile.replaceFirstChar { it.uppercase() }
                val all = tasks.maybeCreate("rustBuildUniversal$profileName", DefaultTask::class.java).apply {
                    group = TASK_GROUP
                    description = "Builds the Rust library in $profile mode for all processors"
                }
                tasks["mergeUniversal${profileName}JniLibFolders"].dependsOn(all)

                targets.forEachIndexed { index, targetName ->
                    val archName = archs[index].replaceFirstChar { it.uppercase() }
                    val one = tasks.register("rustBuild$archName$profileName", BuildTask::class.java) {
                        group = TASK_GROUP
                        description = "Builds the Rust library in $profile mode for $targetName"
                        rootDirRel = config.rootDirRel
                        projectDir = project.projectDir.path
                        target = targetName
                        release = profile == "release"
                    }
                    all.dependsOn(one)
                    tasks["merge$archName${profileName}JniLibFolders"].dependsOn(one)
                }
            }
        }
    }
}
